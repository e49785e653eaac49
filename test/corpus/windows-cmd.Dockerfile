# escape=`
FROM mcr.microsoft.com/windows/nanoserver:ltsc2025
WORKDIR C:\app
COPY app.exe .
RUN mkdir data && echo ready > data\state.txt
ENTRYPOINT ["C:\\app\\app.exe"]
