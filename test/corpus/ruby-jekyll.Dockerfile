FROM jekyll/jekyll
ADD . /srv/jekyll
RUN bundle install
CMD jekyll serve
