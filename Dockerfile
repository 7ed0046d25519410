FROM python:3.13-slim
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY reviewbot reviewbot
RUN pip install --no-cache-dir --no-deps .
USER 65534:65534
ENTRYPOINT ["reviewbot"]
CMD ["serve"]
