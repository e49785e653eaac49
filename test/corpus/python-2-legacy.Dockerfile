FROM python:2.7
MAINTAINER Some Person <some@example.com>
RUN easy_install pip
RUN cd /opt && wget http://example.com/tool.tar.gz && tar xzf tool.tar.gz
ENV PATH /opt/tool/bin:$PATH
CMD python /opt/run.py
