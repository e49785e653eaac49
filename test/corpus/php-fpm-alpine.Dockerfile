FROM php:8.3-fpm-alpine
RUN apk update && apk add --virtual .build $PHPIZE_DEPS \
 && pecl install redis-6.0.2 \
 && docker-php-ext-enable redis \
 && apk del .build
COPY --chown=www-data . .
USER www-data
