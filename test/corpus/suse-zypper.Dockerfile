FROM opensuse/leap:15.6
RUN zypper install vim && zypper dup
RUN zypper --non-interactive in -y git=2.51.0 && zypper clean
