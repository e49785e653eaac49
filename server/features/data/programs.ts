/** A program as far as completion knows it: words behind it, each with its own flags and what it takes. */
export interface Program {
  readonly flags?: readonly string[];
  readonly verbs?: Readonly<Record<string, Verb>>;
}

export interface Verb {
  readonly flags?: readonly string[];
  /** What it takes: names of packages, files of the folder, or scripts of package.json. */
  readonly takes?: "apt" | "apk" | "dnf" | "pip" | "npm" | "files" | "scripts";
}

const npmInstall: Verb = { flags: ["--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"], takes: "npm" };
const dnf: Program = {
  flags: ["-y", "--setopt=install_weak_deps=False", "--nodocs"],
  verbs: {
    install: { flags: ["-y", "--setopt=install_weak_deps=False", "--nodocs"], takes: "dnf" },
    clean: { flags: ["all"] },
    upgrade: { flags: ["-y"] },
  },
};
const pip: Program = {
  verbs: {
    install: {
      flags: ["--no-cache-dir", "-r requirements.txt", "--require-hashes", "--upgrade", "-e ."],
      takes: "pip",
    },
    wheel: { flags: ["--no-deps", "--wheel-dir /wheels", "-r requirements.txt"] },
  },
};

/** Programs that Dockerfiles run, most used first. */
export const programs: Readonly<Record<string, Program>> = {
  "apt-get": {
    flags: ["-y", "-qq"],
    verbs: {
      update: {},
      install: { flags: ["-y", "--no-install-recommends"], takes: "apt" },
      clean: {},
      purge: { flags: ["-y", "--auto-remove"], takes: "apt" },
      upgrade: { flags: ["-y"] },
    },
  },
  apk: {
    verbs: { add: { flags: ["--no-cache", "--virtual .build"], takes: "apk" }, del: { takes: "apk" }, upgrade: {} },
  },
  npm: {
    verbs: {
      ci: { flags: ["--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"] },
      install: npmInstall,
      run: { takes: "scripts" },
      prune: { flags: ["--omit=dev"] },
      cache: { flags: ["clean --force"] },
      test: {},
    },
  },
  pip: pip,
  pip3: pip,
  yarn: {
    verbs: { install: { flags: ["--frozen-lockfile", "--immutable", "--production"] }, run: { takes: "scripts" } },
  },
  pnpm: {
    verbs: {
      install: { flags: ["--frozen-lockfile", "--prod", "--offline"] },
      fetch: { flags: ["--prod"] },
      run: { takes: "scripts" },
      deploy: { flags: ["--prod"] },
    },
  },
  bun: { verbs: { install: { flags: ["--frozen-lockfile", "--production"] }, run: { takes: "scripts" } } },
  go: {
    verbs: {
      build: { flags: ["-o /out/app", "-trimpath", '-ldflags="-s -w"', "./..."] },
      mod: { flags: ["download", "verify"] },
      test: { flags: ["./..."] },
      install: {},
    },
  },
  cargo: {
    verbs: {
      build: { flags: ["--release", "--locked", "--bins"] },
      fetch: { flags: ["--locked"] },
      install: { flags: ["--locked", "--path ."] },
      test: { flags: ["--locked"] },
    },
  },
  poetry: {
    verbs: {
      install: { flags: ["--no-root", "--only main", "--no-interaction"] },
      export: { flags: ["-o requirements.txt"] },
    },
  },
  uv: {
    verbs: {
      sync: { flags: ["--locked", "--no-dev", "--no-install-project"] },
      pip: { flags: ["install --system"] },
      run: {},
    },
  },
  mvn: {
    flags: ["-B", "-ntp"],
    verbs: { package: { flags: ["-DskipTests"] }, "dependency:go-offline": {}, verify: {} },
  },
  gradle: { flags: ["--no-daemon"], verbs: { build: { flags: ["-x test"] }, bootJar: {}, dependencies: {} } },
  dotnet: {
    verbs: {
      restore: { takes: "files" },
      publish: { flags: ["-c Release", "-o /out", "--no-restore"], takes: "files" },
      build: { flags: ["-c Release", "--no-restore"], takes: "files" },
    },
  },
  composer: {
    verbs: {
      install: { flags: ["--no-dev", "--no-interaction", "--prefer-dist", "--optimize-autoloader", "--no-scripts"] },
    },
  },
  bundle: {
    verbs: { install: { flags: ["--jobs 4"] }, exec: {}, config: { flags: ["set without development:test"] } },
  },
  dnf: dnf,
  microdnf: dnf,
  yum: dnf,
  curl: { flags: ["-fsSL", "-o", "--proto '=https'", "--retry 3"] },
  wget: { flags: ["-q", "-O"] },
  git: { verbs: { clone: { flags: ["--depth 1", "--branch"] } } },
  mkdir: { flags: ["-p"] },
  rm: { flags: ["-rf", "-rf /var/lib/apt/lists/*"] },
  chmod: { flags: ["+x", "-R"] },
  chown: { flags: ["-R"] },
  useradd: { flags: ["--create-home", "--system", "--no-log-init", "--uid 10001", "--shell /usr/sbin/nologin"] },
  adduser: { flags: ["-D", "-S", "-H", "-u 10001", "-G"] },
  addgroup: { flags: ["-S", "-g 10001"] },
  groupadd: { flags: ["--system", "--gid 10001"] },
  tar: { flags: ["-xzf", "-C", "--strip-components=1"] },
  make: { verbs: { install: {}, build: {} } },
  set: { flags: ["-eux", "-o pipefail"] },
  echo: {},
  cp: { flags: ["-r"] },
  mv: {},
  ln: { flags: ["-s"] },
  sed: { flags: ["-i"] },
  python: { flags: ["-m", "-c"] },
  node: { flags: ["-e"] },
  corepack: { verbs: { enable: {}, prepare: {} } },
};

/** Packages that images are often given. */
export const packages: Readonly<Record<"apt" | "apk" | "dnf" | "pip" | "npm", readonly string[]>> = {
  apt: words(
    "ca-certificates curl git build-essential gnupg wget unzip libpq-dev python3 python3-pip tini dumb-init openssl jq xz-utils tzdata " +
      "locales make gcc g++ pkg-config libssl-dev libffi-dev zlib1g-dev procps iputils-ping openssh-client rsync sudo vim-tiny zip ffmpeg " +
      "imagemagick postgresql-client default-mysql-client libxml2-dev libyaml-dev nginx supervisor",
  ),
  apk: words(
    "ca-certificates curl git build-base bash tzdata openssl tini dumb-init su-exec jq make gcc g++ musl-dev libffi-dev openssl-dev " +
      "linux-headers postgresql-dev libpq python3 py3-pip nodejs npm openssh-client unzip wget zip ffmpeg imagemagick libc6-compat nginx shadow",
  ),
  dnf: words(
    "ca-certificates curl-minimal git gcc gcc-c++ make openssl tar gzip unzip which findutils procps-ng python3 python3-pip nodejs " +
      "java-21-openjdk-headless glibc-langpack-en tzdata shadow-utils jq xz rsync",
  ),
  pip: words(
    "flask django fastapi uvicorn gunicorn requests numpy pandas poetry uv pytest sqlalchemy celery redis psycopg wheel setuptools",
  ),
  npm: words("typescript pnpm yarn pm2 serve vite express tsx nodemon"),
};

function words(text: string): readonly string[] {
  return text.split(" ");
}
