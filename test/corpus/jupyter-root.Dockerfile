FROM quay.io/jupyter/minimal-notebook:python-3.12
USER root
RUN apt-get update --yes && apt-get install --yes --no-install-recommends graphviz && apt-get clean && rm -rf /var/lib/apt/lists/*
USER ${NB_UID}
RUN mamba install --yes 'pandas' && mamba clean --all -f -y
