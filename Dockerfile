FROM python:3.13-slim
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY reviewbot reviewbot
RUN pip install --no-cache-dir --no-deps .
# With an arena for each of its threads, much of the memory that is held is free and of no use to anybody.
ENV MALLOC_ARENA_MAX=2
USER 65534:65534
ENTRYPOINT ["reviewbot"]
CMD ["serve"]
