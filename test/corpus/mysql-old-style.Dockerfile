FROM mysql:5.7
MAINTAINER dba
ENV MYSQL_ROOT_PASSWORD secret
ADD my.cnf /etc/mysql/my.cnf
VOLUME /var/lib/mysql
USER root
