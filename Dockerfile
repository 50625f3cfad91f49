FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/accord
COPY pyproject.toml constraints.txt README.md CHANGELOG.md LICENSE ./
COPY accord_log accord_log
COPY compat compat
COPY migrations migrations
COPY registry registry
RUN /opt/accord/bin/python -m pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim
COPY --from=build /opt/accord /opt/accord
RUN useradd --uid 10001 --no-create-home --home-dir /data accord \
    && install --directory --owner=accord --group=accord /data
ENV PATH=/opt/accord/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# Where the ports are published to the machine itself, clients find the log at its own address.
ENV ACCORD_ADVERTISED_LISTENER=localhost:9092
USER accord
WORKDIR /data
VOLUME /data
EXPOSE 8081 9092
HEALTHCHECK --interval=10s --timeout=8s --start-period=30s \
    CMD ["python", "-m", "registry.process.probe"]
ENTRYPOINT ["accord"]
CMD ["serve", "--host", "0.0.0.0", "--kafka-host", "0.0.0.0", "--data", "/data"]
