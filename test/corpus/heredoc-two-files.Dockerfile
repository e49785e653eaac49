FROM busybox:1.37
COPY <<index.html <<robots.txt /www/
<h1>Hello</h1>
index.html
User-agent: *
robots.txt
CMD ["httpd", "-f", "-h", "/www"]
