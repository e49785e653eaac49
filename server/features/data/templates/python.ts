import { msg } from "../../../../engine/base/message.ts";
import type { ProjectView } from "../../../lint/views.ts";
import { has, ifThere, image, portOf, type Template, words } from "./template.ts";

interface Start {
  readonly command: readonly string[];
  readonly port?: number;
  /** It ends by SIGINT, not by SIGTERM: so does Python without a server that knows better. */
  readonly isPlain?: boolean;
}

const entries = ["app.py", "main.py", "server.py", "wsgi.py", "asgi.py", "app/main.py", "src/main.py", "app/app.py"];
const asgi = /^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:FastAPI|Starlette|Litestar|Quart)\(/m;
const wsgi = /^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:Flask|Bottle)\(/m;

/** How the app is served, as far as its sources tell: a server that is among the dependencies, else the framework's own. */
function startOf(project: ProjectView): Start {
  const needs = (name: string) =>
    ["requirements.txt", "pyproject.toml"].some((file) =>
      new RegExp(`^\\W*${name}\\b`, "im").test(project.text(file) ?? ""),
    );
  if (has(project, "manage.py")) {
    const settings = /DJANGO_SETTINGS_MODULE["'\s,]+(\w+)\./.exec(project.text("manage.py") ?? "")?.[1];
    const command =
      settings !== undefined && needs("gunicorn")
        ? ["gunicorn", "--bind", "0.0.0.0:8000", `${settings}.wsgi:application`]
        : ["python", "manage.py", "runserver", "0.0.0.0:8000"];
    return { command, port: 8000 };
  }
  const entry = entries.find((name) => project.exists(name) === true) ?? "main.py";
  const text = project.text(entry) ?? "";
  const module = entry.slice(0, -3).replaceAll("/", ".");
  const app = asgi.exec(text)?.[1];
  if (app !== undefined) {
    const isHypercorn = needs("hypercorn") && !needs("uvicorn");
    const address = isHypercorn ? ["--bind", "0.0.0.0:8000"] : ["--host", "0.0.0.0", "--port", "8000"];
    return {
      command: [isHypercorn ? "hypercorn" : "uvicorn", `${module}:app`.replace(/app$/, app), ...address],
      port: 8000,
    };
  }
  const flask = wsgi.exec(text)?.[1];
  if (flask !== undefined) {
    if (needs("gunicorn")) return { command: ["gunicorn", "--bind", "0.0.0.0:8000", `${module}:${flask}`], port: 8000 };
    if (needs("waitress"))
      return { command: ["waitress-serve", "--listen=0.0.0.0:8000", `${module}:${flask}`], port: 8000 };
    const isFlask = /\bFlask\(/.test(text);
    if (isFlask)
      return { command: ["flask", "--app", module, "run", "--host", "0.0.0.0", "--port", "8000"], port: 8000 };
  }
  if (/^import streamlit\b/m.test(text)) {
    return { command: ["streamlit", "run", entry, "--server.address=0.0.0.0", "--server.port=8501"], port: 8501 };
  }
  const port = portOf(project, entry, project.known ? 0 : 8000);
  return { command: ["python", entry], isPlain: project.known, ...(port > 0 && { port }) };
}

function pythonEnd(project: ProjectView): string {
  const { command, port, isPlain } = startOf(project);
  return `FROM ${image("python")}
ENV PYTHONUNBUFFERED=1 \\
    PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
USER 10001:10001
${port === undefined ? "" : `EXPOSE ${port}\n`}${isPlain ? "STOPSIGNAL SIGINT\n" : ""}CMD ${words(command)}
`;
}

const ignores = () => [
  "**/__pycache__",
  "**/*.pyc",
  "**/.venv",
  "**/venv",
  ".pytest_cache",
  ".mypy_cache",
  ".ruff_cache",
  ".tox",
  "htmlcov",
  "**/*.egg-info",
];

const isPoetry = (project: ProjectView) => /^\[tool\.poetry\]/m.test(project.text("pyproject.toml") ?? "");
const isLocked = (project: ProjectView) => has(project, "uv.lock") || has(project, "poetry.lock");
const venv = `FROM ${image("python")} AS build
WORKDIR /app
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
`;

const pip: Template = {
  id: "python-pip",
  label: "Dockerfile: Python (pip)",
  says: msg("Python in a virtual environment, packages cached, without root"),
  fits: (project) => has(project, "requirements.txt"),
  text: (project) => `${venv}COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \\
    pip install -r requirements.txt

${pythonEnd(project)}`,
  ignores,
};

/** Without a lock file. What is installed is read out of the manifest, so that the sources are not needed for it. */
const pyproject: Template = {
  id: "python-pyproject",
  label: "Dockerfile: Python (pyproject.toml)",
  says: msg("Python with the dependencies of pyproject.toml, packages cached, without root"),
  fits: (project) =>
    has(project, "pyproject.toml") && !has(project, "requirements.txt") && !isLocked(project) && !isPoetry(project),
  text: (project) => `${venv}COPY pyproject.toml ./
RUN --mount=type=cache,target=/root/.cache/pip \\
    python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project'].get('dependencies', []), sep='\\n')" > requirements.txt \\
    && pip install -r requirements.txt

${pythonEnd(project)}`,
  ignores,
};

const poetry: Template = {
  id: "python-poetry",
  label: "Dockerfile: Python (Poetry)",
  says: msg("Python with Poetry: packages cached, the tool left out of the image, without root"),
  fits: (project) => has(project, "poetry.lock") || (!has(project, "uv.lock") && isPoetry(project)),
  text: (project) => `FROM ${image("python")} AS build
ENV POETRY_VIRTUALENVS_CREATE=false \\
    VIRTUAL_ENV=/opt/venv \\
    PATH=/opt/venv/bin:$PATH
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/pip \\
    python -m venv /opt/venv && pip install poetry==2.2.1
COPY pyproject.toml${ifThere(project, "poetry.lock")} ./
RUN --mount=type=cache,target=/root/.cache/pypoetry \\
    poetry install --no-root --only main

${pythonEnd(project)}`,
  ignores,
};

const uv: Template = {
  id: "python-uv",
  label: "Dockerfile: Python (uv)",
  says: msg("Python with uv: packages cached, the tool left out of the image, without root"),
  fits: (project) => has(project, "uv.lock"),
  text: (project) => `FROM ${image("python")} AS build
COPY --from=ghcr.io/astral-sh/uv:0.9.11 /uv /usr/local/bin/uv
ENV UV_LINK_MODE=copy \\
    UV_PROJECT_ENVIRONMENT=/opt/venv
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \\
    uv sync --locked --no-dev --no-install-project

${pythonEnd(project)}`,
  ignores,
};

export const pythonTemplates: readonly Template[] = [uv, poetry, pip, pyproject];
