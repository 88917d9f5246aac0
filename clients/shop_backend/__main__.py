"""The shop, on this machine alone: its back office asks nobody who they are."""

import uvicorn

from shop_backend.settings import PORT
from shop_backend.shop import app

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
