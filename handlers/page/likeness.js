// The one script a shop's page names:
//   <script type="module" src="https://api.my.shop/likeness.js"></script>
// It names every module, so that they come together instead of one after the other.

import "./page/@/dom.js";
import "./page/@/query.js";
import "./page/@/labels.js";
import "./page/@/styles.js";
import "./page/@/client.js";
import "./page/@/photo.js";
import "./page/@/crop.js";
import "./page/@/box.js";
import "./page/@/cards.js";
import "./page/@/filters.js";
import "./page/@/results.js";
import "./page/@/element.js";
import "./page/@/likeness-search.js";
import "./page/@/likeness-similar.js";
