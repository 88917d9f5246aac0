"""What a search service makes besides its model when it starts: clients of its stores.

Nobody needs to listen; neither client connects before its first request.
"""

from __future__ import annotations

import boto3
from qdrant_client import QdrantClient

vectors = QdrantClient(url="http://127.0.0.1:6333", check_compatibility=False)
products = boto3.Session("none", "none").client("dynamodb", region_name="eu-west-1")
