# syntax=docker/dockerfile:1
FROM debian:12
RUN <<EOF
apt-get update
apt-get install -y curl
rm -rf /var/lib/apt/lists/*
EOF
RUN <<-'PY' python3
	import os
	print(os.environ)
	PY
COPY <<conf /etc/app.conf
port = 80
conf
