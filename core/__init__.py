"""What Likeness does, in the shop's words: find products by photo and by words."""
