FROM debian:12
RUN cd /tmp
RUN curl -fsSL https://example.com/install.sh | bash
RUN wget https://example.com/a.tgz && curl -O https://example.com/b.tgz
RUN ln -sf /bin/bash /bin/sh
RUN apt-get update && apt-get install -y git # tools && rm -rf /var/lib/apt/lists/*
RUN echo "$SECRET" | tee /etc/secret
RUN service nginx start
RUN export TOKEN=1
RUN source /etc/profile && top
