# One image with several doors, and its command chooses which: docs/image.md. Nothing here needs
# BuildKit, because `sam build` asks for the builder of old.
ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13

# The packages: made again only when one of them is another.
FROM ${BASE_IMAGE} AS packages
ARG EMBEDDED=
WORKDIR /build
COPY requirements-cloud.txt ./
COPY scripts/__init__.py scripts/
COPY scripts/image/__init__.py scripts/image/bytecode.py scripts/image/contents.py \
     scripts/image/packages.py scripts/image/
RUN python3 -m scripts.image.packages requirements-cloud.txt /var/task

# Our own code and one model, and whether all of it works.
FROM packages AS shop
ARG EMBEDDED=
ARG MODEL=mini
COPY . ./
RUN python3 -m scripts.image.shop "$MODEL" /shop /var/task && mkdir /data
WORKDIR /shop
RUN PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/shop:/var/task:/build \
    MODEL="$MODEL" python3 -m scripts.image.smoke

# What `sam build` makes. Lambda has a user of its own, with no rights at all; and `sam local` must be
# root to add its emulator.
FROM ${BASE_IMAGE} AS function
COPY --from=packages /var/task /var/task
COPY --from=shop /shop /var/task
# For those who run it with EMBEDDED=1 and a volume; nothing else is ever written to but /tmp.
COPY --from=shop --chown=10001:10001 /data /data

ARG MODEL=mini
ENV MODEL=${MODEL} \
    DATA_DIR=/data \
    PYTHONDONTWRITEBYTECODE=1
ARG REVISION=
LABEL org.opencontainers.image.title="Likeness" \
      org.opencontainers.image.description="Visual product search a shop can own" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /var/task
EXPOSE 8000
ENTRYPOINT ["/bin/sh", "/var/task/handlers/entrypoint.sh"]
CMD ["handlers.aws_http.handler"]

# The same for all others.
FROM function
USER 10001:10001
