FROM centos:7
RUN yum update -y
RUN yum install httpd
RUN yum install -y epel-release && yum -y install nginx-1.20.1 && yum clean all
EXPOSE 80
CMD ["/usr/sbin/httpd", "-D", "FOREGROUND"]
