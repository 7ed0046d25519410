"""A repository with manifests of its own: two Services, of which one answers through the other."""

from collections.abc import Mapping

from dev.cluster import Cluster
from tests.stories.team import files

FOLDER = "deploy/preview"
SETTINGS = f"manifests: {FOLDER}/\nserve: {{serve}}\n"
# Shown by the app as its greeting.
GREETING = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: greeting}
data: {GREETING: "Hello from ${HOST} at ${SHA}"}
"""
SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: shop
        image: ${IMAGE}
        envFrom: [{configMapRef: {name: greeting}}]
        ports: [{name: app, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /healthz, port: app}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80, targetPort: app}]}
"""
# Hands every connection on to the other Service.
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: ${IMAGE}
        command: [nc, -ll, -p, "8081", -e, /bin/nc, shop, "80"]
        readinessProbe: {httpGet: {path: /healthz, port: 8081}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 8000, targetPort: 8081}]}
"""
MANIFESTS = {"greeting.yaml": GREETING, "shop.yaml": SHOP, "web.yaml": WEB}


def repository(cluster: Cluster, manifests: Mapping[str, str], serve: str = "web") -> dict[str, str]:
    """The sample app's files with these manifests, and without a Procfile that could run."""
    settings = files(cluster)[".github/reviewbot.yml"] + SETTINGS.format(serve=serve)
    return {".github/reviewbot.yml": settings, "Procfile": "release: echo migrating\n", **placed(manifests)}


def placed(manifests: Mapping[str, str]) -> dict[str, str]:
    """The files where the repository has them."""
    return {f"{FOLDER}/{name}": text for name, text in manifests.items()}
