FROM perl:5.40
COPY cpanfile /usr/src/
RUN cd /usr/src; cpanm --installdeps .
COPY . /usr/src
WORKDIR /usr/src
CMD [ "perl", "app.pl" ]
