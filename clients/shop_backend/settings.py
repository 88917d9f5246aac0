"""What the example is told by its environment."""

from __future__ import annotations

import os

URL = os.environ.get("LIKENESS_URL", "http://127.0.0.1:8000")
KEY = os.environ.get("LIKENESS_KEY")
SECRET = os.environ.get("WEBHOOK_SECRET", "a-secret-of-the-two-of-us")
PORT = int(os.environ.get("PORT", "8002"))
