"""The heavier tier: the true image, built and run as Lambda and SAM would: `make rehearse`.

It needs a Debian machine and root there, installs what it lacks, and keeps what it makes in a
folder of its own. Everything listens on loopback, and whatever it starts, it ends.
"""
