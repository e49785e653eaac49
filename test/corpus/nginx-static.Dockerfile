FROM nginx
COPY nginx.conf /etc/nginx/nginx.conf
COPY html /usr/share/nginx/html
EXPOSE 80 443
CMD nginx -g 'daemon off;'
