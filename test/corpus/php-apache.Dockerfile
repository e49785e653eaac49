FROM php:8.4-apache
RUN apt-get update && apt-get install -y libzip-dev unzip \
    && docker-php-ext-install pdo_mysql zip
RUN curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/local/bin --filename=composer
COPY . /var/www/html
RUN composer install
RUN chown -R www-data:www-data /var/www/html
RUN chmod -R 777 storage
