"""What a start imports, as a list: seconds differ from machine to machine, a list does not."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.running import ROOT

FIRST_SEARCH = """
import os, signal, socket, sys, threading, time
from pathlib import Path
before = set(sys.modules)
from handlers import server
print(*sorted(set(sys.modules) - before))

settings = server.Settings(data_dir=Path(sys.argv[1]), port=0)
listener = server.take_port(settings)
address = listener.getsockname()

def ask(request):
    with socket.create_connection(address) as connection:
        connection.sendall(request.replace("\\n", "\\r\\n").encode())
        return connection.makefile("rb").read().startswith(b"HTTP/1.1 200 ")

def be_the_first_shopper():
    try:
        while True:
            try:
                healthy = ask("GET /api/v1/health HTTP/1.1\\nhost: x\\nconnection: close\\n\\n")
                break
            except ConnectionError:
                time.sleep(0.01)
        body = '{"text_query": "a red mug"}'
        head = f"content-type: application/json\\ncontent-length: {len(body)}\\n"
        found = ask(f"POST /api/v1/search HTTP/1.1\\nhost: x\\nconnection: close\\n{head}\\n{body}")
        print(*sorted(set(sys.modules) - before) if healthy and found else "")
    finally:
        os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=be_the_first_shopper, daemon=True).start()
server.serve(settings, listener)
"""
FIRST_CALL = """
import sys
from tests.gateway import Context, event
before = set(sys.modules)
from handlers import aws_http
print(*sorted(set(sys.modules) - before))
body = b'{"text_query": "a red mug"}'
asked = event("POST", "/api/v1/search", body, "application/json")
found = aws_http.handler(asked, Context())["statusCode"] == 200
print(*sorted(set(sys.modules) - before) if found else "")
"""
NEEDED = {
    "PIL",
    "anyio",
    "click",
    "core",
    "handlers",
    "httptools",
    "msgspec",
    "numpy",
    "onnxruntime",
    "python_multipart",
    "qdrant_edge",
    "starlette",
    "tokenizers",
    "typing_extensions",
    "uvicorn",
    "watchfiles",
}
ON_LAMBDA = NEEDED - {"click", "httptools", "uvicorn", "watchfiles"} | {"mangum"}
"""No server and no watch: requests and events come from outside."""
LATER = {
    *("PIL.JpegImagePlugin", "PIL.PngImagePlugin", "PIL.WebPImagePlugin", "PIL.AvifImagePlugin"),
    *("anyio._backends._asyncio", "core.feeds.reading", "csv", "html.parser", "pyexpat"),
}
"""Decoders come with the first photo that needs them, the web framework's own threads with the
first file of the page, readers of feeds with the first feed."""
NEVER = {
    *("numpy.testing", "numpy.f2py", "numpy.ma", "onnxruntime.quantization", "onnxruntime.tools"),
    *("PIL.ImageShow", "PIL.ImageTk", "unittest", "pydoc", "pdb", "doctest", "sqlite3", "tkinter"),
}
"""Large parts of what is needed that only people at work on code have a use for."""
SLOW = {"numpy", "onnxruntime", "PIL", "qdrant_edge", "starlette", "tokenizers", "uvicorn"}


@cache
def loaded(code: str = FIRST_SEARCH) -> tuple[frozenset[str], frozenset[str]]:
    """Every module of a server before it looked at its settings, and after its first search; or
    of a function after its init and after its first call."""
    with TemporaryDirectory() as data:
        settings = {"DATA_DIR": str(Path(data)), "ADMIN_KEYS": "a-key-of-some-length"}
        told = subprocess.run(
            [sys.executable, "-c", code, str(Path(data))],
            cwd=ROOT,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert told.returncode == 0, told.stderr
    # What a function says of its requests is JSON.
    at_first, in_the_end = (one for one in told.stdout.splitlines() if not one.startswith("{"))
    return frozenset(at_first.split()), frozenset(in_the_end.split())


def packages(modules: frozenset[str]) -> set[str]:
    """Without what modules made with Cython have in common, which is in them."""
    names = {name.split(".")[0] for name in modules}
    return {name for name in names if not name.startswith(("_cython_", "cython_runtime"))}


def test_a_start_imports_what_the_first_search_needs_and_nothing_else() -> None:
    _, modules = loaded()
    assert packages(modules) - set(sys.stdlib_module_names) - {"__mp_main__"} <= NEEDED


def test_it_is_a_start_that_is_looked_at() -> None:
    """A list that lacked what surely is needed would say nothing about the rest."""
    _, modules = loaded()
    assert {"core.clip.towers", "qdrant_edge", "tokenizers", "handlers.api", "httptools"} <= modules


def test_decoders_wait_for_photos_and_tools_for_people() -> None:
    _, modules = loaded()
    assert not modules & (LATER | NEVER)


def test_a_setting_that_is_wrong_is_said_before_anything_slow_is_imported() -> None:
    modules, _ = loaded()
    assert "core.settings" in modules
    assert not packages(modules) & SLOW


def test_a_function_imports_what_its_first_search_needs_and_nothing_else() -> None:
    _, modules = loaded(FIRST_CALL)
    assert packages(modules) - set(sys.stdlib_module_names) - {"__mp_main__"} <= ON_LAMBDA
    assert {"core.clip.towers", "mangum", "handlers.api"} <= modules
    assert not modules & (LATER | NEVER)


def test_a_function_has_done_its_importing_once_it_is_initialised() -> None:
    """What is left to the first request is waited for by a shopper, and not begun beforehand."""
    at_init, in_the_end = loaded(FIRST_CALL)
    late = {name for name in in_the_end - at_init if name.split(".")[0] in {"core", "handlers"}}
    assert late == set()
