// The answers. `image` is told by the environment, because every deployment has another.
using 'main.bicep'

param name = 'likeness'
param image = readEnvironmentVariable('IMAGE', '')
param qdrantUrl = 'https://name.westeurope-0.azure.cloud.qdrant.io:6333'
param photos = 'blob'
param corsOrigins = ''
param minReplicas = 0
param maxReplicas = 10
