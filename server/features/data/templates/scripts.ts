import { msg } from "../../../../engine/base/message.ts";
import { has, ifThere, image, type Template } from "./template.ts";

const php: Template = {
  id: "php",
  label: "Dockerfile: PHP",
  says: msg("PHP with Apache, packages from Composer, without root"),
  fits: (project) => has(project, "composer.json") || has(project, "index.php"),
  text: (project) => {
    const isComposed = has(project, "composer.json") || !project.known;
    // Frameworks keep what a browser may see in a folder of its own.
    const root = project.exists("public/index.php") === true ? "/var/www/html/public" : undefined;
    const sites = "/etc/apache2/sites-available/000-default.conf";
    const serve = root ? ` \\\n    && sed -i 's!/var/www/html!${root}!' ${sites}` : "";
    const deps = `FROM ${image("composer")} AS deps
WORKDIR /app
COPY composer.json${ifThere(project, "composer.lock")} ./
RUN --mount=type=cache,target=/tmp/cache \\
    composer install --no-dev --no-interaction --no-scripts --prefer-dist

`;
    return `${isComposed ? deps : ""}FROM ${image("php")}
RUN sed -i 's/80/8080/' /etc/apache2/ports.conf ${sites}${serve}
WORKDIR /var/www/html
${isComposed ? "COPY --from=deps /app/vendor ./vendor\n" : ""}COPY . .
USER www-data
EXPOSE 8080
`;
  },
  ignores: () => ["vendor", "node_modules"],
};

const ruby: Template = {
  id: "ruby",
  label: "Dockerfile: Ruby (Bundler)",
  says: msg("Ruby with its gems built in a stage of their own, without root"),
  fits: (project) => has(project, "Gemfile"),
  text: (project) => {
    const isRails = project.exists("bin/rails") === true;
    const script = ["app.rb", "main.rb", "server.rb"].find((name) => has(project, name));
    const isRack = isRails || has(project, "config.ru") || script === undefined;
    const command = isRails
      ? '["bin/rails", "server", "-b", "0.0.0.0"]'
      : isRack
        ? '["bundle", "exec", "rackup", "--host", "0.0.0.0", "--port", "3000"]'
        : `["bundle", "exec", "ruby", "${script}"]`;
    return `FROM ruby:3.4 AS build
ENV BUNDLE_WITHOUT=development:test
WORKDIR /app
COPY Gemfile${ifThere(project, "Gemfile.lock")} ./
RUN bundle install

FROM ${image("ruby")}
ENV BUNDLE_WITHOUT=development:test
WORKDIR /app
COPY --from=build /usr/local/bundle /usr/local/bundle
COPY ${isRails ? "--chown=10001:10001 " : ""}. .
USER 10001:10001
${isRack ? "EXPOSE 3000\n" : ""}CMD ${command}
`;
  },
  ignores: () => [".bundle", "vendor/bundle", "log/*", "tmp/*", "node_modules"],
};

export const scriptTemplates: readonly Template[] = [php, ruby];
