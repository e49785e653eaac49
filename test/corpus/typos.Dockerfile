FORM alpine:3.22
RUM echo hello
COPPY a b
WORKDIR /app
ENTRYPOIN ["a"]
