FROM mcr.microsoft.com/powershell:7.5-nanoserver-ltsc2022
SHELL ["pwsh", "-Command"]
RUN Invoke-WebRequest -Uri https://example.com/tool.zip -OutFile tool.zip; Expand-Archive tool.zip
CMD ["pwsh"]
