FROM fedora:42
RUN dnf upgrade -y && dnf install -y git make
RUN microdnf install nodejs
WORKDIR work
