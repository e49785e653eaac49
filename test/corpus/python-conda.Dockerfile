FROM continuumio/miniconda3:latest
COPY environment.yml /tmp/
RUN conda env create -f /tmp/environment.yml
RUN activate science
SHELL ["conda", "run", "-n", "science", "/bin/bash", "-c"]
RUN python -c "import numpy"
ENTRYPOINT python train.py
