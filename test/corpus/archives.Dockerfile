FROM debian:12
ADD https://example.com/tool.tar.gz /tmp/
RUN tar xzf /tmp/tool.tar.gz -C /opt && rm /tmp/tool.tar.gz
COPY data.tar.gz /data/
RUN tar -xzf /data/data.tar.gz
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/x /x
ADD rootfs.tar.xz /
