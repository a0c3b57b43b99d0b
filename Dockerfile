# mitokeras on a CPU, without TensorFlow: docs/container.md has the lines to build and run it.
FROM python:3.12-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/mitokeras && /opt/mitokeras/bin/pip install --no-cache-dir .

FROM python:3.12-slim
COPY --from=build /opt/mitokeras /opt/mitokeras
# The platform runs no algorithm as root; its answer goes to /output, which the runner mounts.
RUN useradd --create-home --uid 1000 mitokeras && mkdir /input /output && chown mitokeras /output
USER mitokeras
WORKDIR /home/mitokeras
ENV PATH=/opt/mitokeras/bin:$PATH PYTHONUNBUFFERED=1
ENTRYPOINT ["mitokeras"]
CMD ["challenge"]
