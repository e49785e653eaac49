from alpine:3.22
run apk add --no-cache bash
copy start.sh /start.sh
Entrypoint ["/start.sh"]
