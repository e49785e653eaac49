/** Small projects of each kind, by the id of the template that is for them; a name behind `/` tells variants apart. */
export const templateProjects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "node-npm": {
    "package.json":
      '{"scripts":{"build":"tsc","start":"node dist/main.js"},"dependencies":{"ms":"2"},"devDependencies":{"typescript":"5"}}',
    "package-lock.json": "{}",
    "src/main.ts": "",
  },
  "node-npm/plain": {
    "package.json": '{"main":"server.js"}',
    "server.js":
      'require("node:http").createServer((_, answer) => answer.end("hi")).listen(process.env.PORT || 8123);\n',
  },
  "node-npm/front and server": {
    "package.json": '{"scripts":{"build":"node build.js","start":"NODE_ENV=production node server.js --quiet"}}',
    "package-lock.json": "{}",
    "server.js": "app.listen(4000)",
    "build.js": "",
  },
  "node-npm/next": {
    "package.json":
      '{"scripts":{"dev":"next dev","build":"next build","start":"next start"},"dependencies":{"next":"16"}}',
    "package-lock.json": "{}",
  },
  "node-npm/site": {
    "package.json": '{"scripts":{"build":"tsc && vite build","preview":"vite preview"},"devDependencies":{"vite":"7"}}',
    "package-lock.json": "{}",
    "index.html": "",
    "src/main.ts": "",
  },
  "node-npm/hooks": {
    "package.json":
      '{"main":"server.js","scripts":{"prepare":"husky"},"dependencies":{"ms":"2"},"devDependencies":{"husky":"9"}}',
    "package-lock.json": "{}",
    "server.js": "",
  },
  "node-npm/scripts of its own": {
    "package.json": '{"main":"server.js","scripts":{"postinstall":"node scripts/fonts.js"},"dependencies":{"ms":"2"}}',
    "package-lock.json": "{}",
    "scripts/fonts.js": "",
    "server.js": "",
  },
  "node-npm/workspaces": {
    "package.json": '{"private":true,"workspaces":["packages/*","!packages/old"]}',
    "package-lock.json": "{}",
    "packages/api/package.json": '{"scripts":{"start":"node src/main.js"},"dependencies":{"lib":"*"}}',
    "packages/api/src/main.js": "app.listen(4400)",
    "packages/lib/package.json": '{"name":"lib"}',
    "packages/old/package.json": "{}",
    "packages/notes.txt": "",
  },
  "node-yarn": { "package.json": "{}", "yarn.lock": "", "server.js": "" },
  "node-yarn/later": {
    "package.json":
      '{"packageManager":"yarn@4.10.3","scripts":{"build":"tsc","start":"node dist/main.js"},"dependencies":{"ms":"2"}}',
    "yarn.lock": "__metadata:\n  version: 8\n",
    ".yarnrc.yml": "nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-4.10.3.cjs\n",
    ".yarn/releases/yarn-4.10.3.cjs": "",
    "src/main.ts": "",
  },
  "node-yarn/later, front and server": {
    "package.json": '{"packageManager":"yarn@4.10.3","scripts":{"build":"node build.js","start":"node server.js"}}',
    "yarn.lock": "",
    ".yarnrc.yml": "nodeLinker: node-modules\n",
    "server.js": "",
  },
  "node-yarn/plug and play": {
    "package.json":
      '{"packageManager":"yarn@4.10.3","type":"module","scripts":{"build":"tsc","start":"node dist/main.js"}}',
    "yarn.lock": "",
    "src/main.ts": "",
  },
  "node-yarn/plug and play, plain": {
    "package.json": '{"dependencies":{"ms":"2"}}',
    "yarn.lock": "__metadata:\n  version: 6\n",
    "server.js": "app.listen(4000)",
  },
  "node-yarn/plug and play, next": {
    "package.json":
      '{"packageManager":"yarn@4.10.3","scripts":{"build":"next build","start":"next start"},"dependencies":{"next":"16"}}',
  },
  "node-pnpm/named": { "package.json": '{"packageManager":"pnpm@10.1.0","dependencies":{"ms":"2"}}', "server.js": "" },
  "node-pnpm/workspaces": {
    "package.json": '{"private":true,"scripts":{"prepare":"lefthook install"}}',
    "pnpm-lock.yaml": "",
    "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - libs/**\n",
    "apps/web/package.json": '{"scripts":{"build":"next build","start":"next start"},"dependencies":{"next":"16"}}',
    "libs/ui/core/package.json": '{"name":"core"}',
  },
  "node-pnpm": { "package.json": '{"scripts":{"build":"vite build"}}', "pnpm-lock.yaml": "", "index.js": "" },
  "python-uv": { "pyproject.toml": "", "uv.lock": "", "main.py": "app = FastAPI()" },
  "python-poetry": { "pyproject.toml": "[tool.poetry]\n", "poetry.lock": "", "app.py": "" },
  "python-pip": { "requirements.txt": "flask==3", "manage.py": "" },
  "python-pip/flask": {
    "requirements.txt": "Flask==3\ngunicorn==23\n",
    "app.py": "from flask import Flask\nshop = Flask(__name__)\n",
  },
  "python-pip/django": {
    "requirements.txt": "Django==6\ngunicorn==23\n",
    "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')",
  },
  "python-pip/asgi in a package": {
    "requirements.txt": "fastapi[standard]\n",
    "app/main.py": "api: FastAPI = FastAPI()\n",
  },
  "python-pip/script": { "requirements.txt": "requests==2\n", "main.py": "print(1)\n" },
  "python-pyproject": {
    "pyproject.toml": '[project]\nname = "a"\ndependencies = ["flask"]\n',
    "app.py": "app = Flask(__name__)\n",
  },
  go: { "go.mod": "", "go.sum": "", "main.go": 'import "net/http"\nhttp.ListenAndServe(":9000", nil)' },
  "go/command": { "go.mod": "", "cmd/tool/main.go": "package main" },
  rust: {
    "Cargo.toml": '[package]\nname = "shop"\n[dependencies]\naxum = "0.8"\n',
    "Cargo.lock": "",
    "src/main.rs": 'bind("0.0.0.0:3100")',
  },
  "java-maven": { "pom.xml": "<artifactId>spring-boot-starter-web</artifactId>", "src/main/java/A.java": "" },
  "java-gradle": { "build.gradle.kts": "", "settings.gradle.kts": "", "src/main/java/A.java": "" },
  dotnet: { "Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web">', "Program.cs": "" },
  "dotnet/console": {
    "Tool.csproj": '<Project Sdk="Microsoft.NET.Sdk"><TargetFramework>net10.0</TargetFramework>',
    "Program.cs": "",
  },
  php: { "composer.json": "{}", "composer.lock": "{}", "index.php": "" },
  "php/no packages": { "index.php": "<?php" },
  "php/public": { "composer.json": "{}", "composer.lock": "{}", "public/index.php": "" },
  ruby: { Gemfile: "", "Gemfile.lock": "", "config.ru": "" },
  "ruby/rails": { Gemfile: "", "Gemfile.lock": "", "bin/rails": "", "config.ru": "" },
  static: { "index.html": "" },
};
