import { msg } from "../../../engine/base/message.ts";
import { packageCalls, pinSummary, pinWhy, pip, unpinned } from "../../lint/packages.ts";
import { defineRule } from "../../lint/rule.ts";

const version = /[=<>~!]=|[<>]|===/;
const local = /^(?:\.{1,2}(?:$|[/[])|\/|file:)|\.(?:whl|tar\.gz|tgz|tar\.bz2|zip)(?:[#?[]|$)/;
const repository = /^(?:[\w.-]+(?:\[[^\]]*\])?\s*@\s*)?(?:git|hg|svn|bzr)\+/;

export default defineRule({
  id: "packages/pip-pin",
  severity: "hint",
  presets: { strict: "warning" },
  summary: pinSummary("pip"),
  why: pinWhy("pip install flask==3.1.*"),
  note: msg(
    "Requirements files, constraints, local folders and pipx are left alone; packages named beside a requirements file are not.",
  ),
  sameAs: ["hadolint:DL3013"],
  fix: "none",
  keywords: ["RUN"],
  sees: pip.programs,
  examples: [
    {
      bad: "FROM python\nRUN pip install --no-cache-dir flask gunicorn==23.0.0 requests\n#                              ^^^^^\n",
    },
    {
      bad: "FROM python\nRUN python3.12 -m pip install -U pip && sudo pip3 install \\\n#                                ^^^\n    'uvicorn[standard]'\n#   ^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM python\nRUN pip install git+https://host.org/a.git@v1 git+https://host.org/b.git\n#                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
    },
    {
      bad: "FROM python\nRUN pip install -r requirements.txt gunicorn\n#                                   ^^^^^^^^\nONBUILD RUN uv pip install --system ruff\n#                                   ^^^^\n",
    },
    {
      bad: 'FROM python\nRUN ["pip", "install", "flask"]\n#                      ^^^^^^^\nRUN <<EOF\npip install flask\n#           ^^^^^\nEOF\n',
    },
  ],
  fine: [
    "FROM python\nRUN pip install flask==3.1.0 'requests>=2,<3' \"httpx~=0.28\" a===1\n",
    "FROM python\nRUN pip install -r requirements.txt && pip install . && pip install -e . && pip install .[dev]\n",
    "FROM python\nRUN pip install -c constraints.txt flask\nRUN pip install --constraint=c.txt flask\n",
    "FROM python\nRUN pip install --extra-index-url https://a.org --target /lib --no-binary :all: flask==1 ./local ./a.whl\n",
    "FROM python\nRUN pip install https://host.org/a-1.0.tar.gz 'a @ https://host.org/a-1.0.whl'\n",
    "FROM python\nRUN pip install flask==$FLASK_VERSION $PACKAGES && pip list && python setup.py install\n",
    "FROM python\nRUN pipx install poetry && pipenv install flask\n",
  ],
  instruction(view) {
    const calls = packageCalls(view.commands(...pip.programs), pip, ["install"]);
    const free = calls.filter(({ flags }) => !flags.some(({ name }) => /^(?:-c|--constraint)$/.test(name)));
    return unpinned(free, isPinned);
  },
});

function isPinned(word: string): boolean {
  if (repository.test(word)) return /@[^/]+$/.test(word.replace(/#.*$/, "").replace(/^[^+]*\+\w+:\/\/[^/]*/, ""));
  return version.test(word) || local.test(word) || /^https?:|@ ?(?:https?|file):/.test(word) || word.includes("/");
}
