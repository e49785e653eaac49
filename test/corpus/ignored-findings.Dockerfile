# check=skip=JSONArgsRecommended
# hadolint global ignore=DL3007
FROM alpine:latest
# hadolint ignore=DL3018,DL3019
RUN apk add curl
# drydock ignore=run/cd
RUN echo nothing here
CMD echo hi
