FROM rocker/shiny:4.5.1
RUN R -e "install.packages(c('ggplot2', 'dplyr'))"
COPY app.R /srv/shiny-server/
COPY ["my data.csv", "/srv/shiny-server/"]
EXPOSE 3838
