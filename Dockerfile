# Cria in a container, as an ordinary user, without Maven or a JDK: the release archive on a small base.
#   docker build --target cpu  -t cria:0.1.0 .
#   docker build --target cuda -t cria:0.1.0-cuda .
#   docker run --rm -v cria-runs:/runs -v cria-cache:/cache cria:0.1.0 demo --quick --out /runs/demo
#   docker run --rm --gpus all -v cria-runs:/runs -v cria-cache:/cache cria:0.1.0-cuda doctor
# /runs is the working directory; /cache holds models of the hub and libtorch's unpacked libraries.

FROM maven:3.9-eclipse-temurin-25 AS source
WORKDIR /source
COPY . .

FROM source AS archive-cpu
RUN mvn -q -B -pl core -Prelease -Dquick package \
 && mkdir -p /opt/cria && tar xzf core/target/cria-*-linux-x86_64.tar.gz -C /opt/cria --strip-components=1

FROM source AS archive-cuda
RUN mvn -q -B -pl core -Prelease,cuda -Dquick package \
 && mkdir -p /opt/cria && tar xzf core/target/cria-*-linux-x86_64-gpu.tar.gz -C /opt/cria --strip-components=1

FROM debian:12-slim AS cpu
RUN useradd --uid 10001 --create-home cria && mkdir -p /runs /cache && chown cria:cria /runs /cache
COPY --from=archive-cpu /opt/cria /opt/cria
ENV HF_HOME=/cache/huggingface CRIA_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=/cache/javacpp
VOLUME ["/runs", "/cache"]
WORKDIR /runs
USER 10001
ENTRYPOINT ["/opt/cria/cria"]
CMD ["--help"]

# The driver is the host's; CUDA 13's libraries are the base's: docs/gpu.md says which are needed.
FROM nvidia/cuda:13.1.0-cudnn-runtime-ubuntu24.04 AS cuda
RUN useradd --uid 10001 --create-home cria && mkdir -p /runs /cache && chown cria:cria /runs /cache
COPY --from=archive-cuda /opt/cria /opt/cria
ENV HF_HOME=/cache/huggingface CRIA_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=/cache/javacpp
VOLUME ["/runs", "/cache"]
WORKDIR /runs
USER 10001
ENTRYPOINT ["/opt/cria/cria"]
CMD ["--help"]
