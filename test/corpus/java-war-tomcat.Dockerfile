FROM tomcat:9
RUN rm -rf /usr/local/tomcat/webapps/*
ADD target/shop.war /usr/local/tomcat/webapps/ROOT.war
ENV DB_PASSWORD=changeme
EXPOSE 8080
CMD ["catalina.sh", "run"]
