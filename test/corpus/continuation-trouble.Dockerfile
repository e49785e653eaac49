FROM debian:12
RUN apt-get update && \

    apt-get install -y \  
      curl \
      # a comment
      git
RUN echo a
  && echo b
