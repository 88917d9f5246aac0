"""What most people write first: FastAPI over transformers and torch."""

from __future__ import annotations

import os

from scripts.bench.peers.servers import clients as clients
from scripts.bench.peers.servers.clip import Clip
from scripts.bench.peers.servers.protocol import serving

_clip = Clip(os.environ["PEER_MODEL"])
app = serving("transformers", _clip.words, _clip.photo)
