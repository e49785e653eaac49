FROM messense/rust-musl-cross:x86_64-musl AS Build
COPY . /home/rust/src
run cargo build --release
FROM scratch
COPY --from=build /home/rust/src/target/x86_64-unknown-linux-musl/release/app /
CMD /app
