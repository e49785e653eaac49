FROM archlinux:base-devel
RUN pacman -Syu --noconfirm git && pacman -Scc --noconfirm
RUN useradd -m build && echo 'build ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers
USER build
RUN sudo pacman -S --noconfirm go
