FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/accord
COPY pyproject.toml constraints.txt README.md CHANGELOG.md LICENSE ./
COPY compat compat
COPY migrations migrations
COPY registry registry
RUN /opt/accord/bin/python -m pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim
COPY --from=build /opt/accord /opt/accord
RUN useradd --uid 10001 --no-create-home --home-dir /data accord \
    && install --directory --owner=accord --group=accord /data
ENV PATH=/opt/accord/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER accord
WORKDIR /data
VOLUME /data
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('ACCORD_PORT', '8081') + '/health/ready', timeout=3)"]
ENTRYPOINT ["accord"]
CMD ["serve", "--host", "0.0.0.0", "--data", "/data"]
