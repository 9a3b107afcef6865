# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
# `--build-arg EXTRA=-postgres` adds what DATABASE_URL needs.
ARG EXTRA=""
COPY requirements${EXTRA}.txt /requirements.txt
# Exactly the tested versions, and no compiler: each has a wheel.
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --target /packages --requirement /requirements.txt
COPY bot /app/bot
COPY handlers /app/handlers
# The bot can't write to these at run time.
RUN python -m compileall -q /app && install -d -m 700 /data

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="kickscale-bot" \
      org.opencontainers.image.description="Kickscale in Slack: meetings and calls, recordings and daily digests" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /packages /packages
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /data /data
# SQLITE_TMPDIR: after an erasure, SQLite rewrites the database by way of a temporary file as large as it.
ENV HOME=/data \
    PYTHONPATH=/app:/packages \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_PATH=/data/kickscale-bot.db \
    SQLITE_TMPDIR=/data \
    HOST=0.0.0.0 \
    PORT=3000
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 3000
# Only whether the process answers: a failure of Slack's is no reason to restart it. /readyz has more.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
