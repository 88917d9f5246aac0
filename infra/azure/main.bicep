// The whole room on Azure. docs/azure.md says how it is deployed, updated, rolled back and torn down.
// Deployed twice at first: without `image` it makes what the image and the secrets are put into, and
// with it the apps.

targetScope = 'resourceGroup'

@description('What everything is called after: small letters and digits')
@minLength(3)
@maxLength(10)
param name string = 'likeness'

@description('Where all of it is')
param location string = resourceGroup().location

@description('The image with its registry and tag or digest; the apps are made when there is one')
param image string = ''

@description('The address of the managed Qdrant, with its port')
param qdrantUrl string

@description('The name of the catalogue in Qdrant')
param collection string = 'products'

@description('Where photos are dropped: into a container made here, or into a bucket of S3')
@allowed([
  'blob'
  's3'
])
param photos string = 'blob'

@description('Whether the keys of the storage account open it, as commands on your machine need')
param accountKeys bool = false

@description('Whether Event Grid tells the API what happens in the container')
param blobEvents bool = true

@description('The bucket, where photos lie in S3')
param imageBucket string = ''

@description('The region of the bucket and of its queue')
param awsRegion string = ''

@description('The queue to which the bucket tells what happens; the worker is made when there is one')
param indexQueueUrl string = ''

@description('What kind of queue the worker scales by. Ours takes from SQS alone')
@allowed([
  'aws-sqs-queue'
  'azure-queue'
])
param queueType string = 'aws-sqs-queue'

@description('The storage account of a queue of Azure, which the worker may ask as the app does')
param queueAccount string = ''

@description('Origins whose pages may call the API, separated by commas')
param corsOrigins string = ''

@description('How many requests one client may make of each replica, as 60/min; nobody counts when empty')
param rateLimit string = ''

@description('Whether searching needs a key, too; the vault must have it as search-keys')
param searchNeedsKey bool = false

@description('Whether webhooks are taken; the vault must have their secrets as webhook-secrets')
param takesWebhooks bool = false

@description('Whether webhooks/test takes events that are not signed, with an admin key')
param allowTestWebhook bool = false

@description('Whether what shoppers look for is noted in the log')
param queryLog bool = false

@description('The least that is logged')
@allowed([
  'DEBUG'
  'INFO'
  'WARNING'
  'ERROR'
])
param logLevel string = 'INFO'

@description('For how many days logs are kept')
@minValue(30)
@maxValue(730)
param logDays int = 30

@description('Replicas of the API that are always there, and paid for; with 0 it scales from zero')
@minValue(0)
@maxValue(10)
param minReplicas int = 0

@description('The most replicas of the API there ever are')
@minValue(1)
@maxValue(10)
param maxReplicas int = 10

@description('How many requests at once are one replica more')
@minValue(1)
param concurrentRequests int = 10

@description('The most replicas of the worker')
@minValue(1)
param workerMaxReplicas int = 5

@description('How many messages that wait are one replica of the worker more')
@minValue(1)
param messagesEach int = 20

@description('The client id of an app registration: people then sign in with Entra ID. Nobody has to when empty')
param signInClientId string = ''

var inBlob = photos == 'blob'
var isOpen = !empty(image)

module environment 'environment.bicep' = {
  name: 'environment'
  params: {
    name: name
    location: location
    logDays: logDays
  }
}

module registry 'registry.bicep' = {
  name: 'registry'
  params: {
    name: name
    location: location
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: name
    location: location
  }
}

module blobs 'photos.bicep' = if (inBlob) {
  name: 'photos'
  params: {
    name: name
    location: location
    app: vault.outputs.principal
    page: 'https://${host}'
    corsOrigins: corsOrigins
    accountKeys: accountKeys
  }
}

// What the API and the worker have in common.
var shared = {
  image: image
  environment: environment.outputs.id
  registry: registry.outputs.server
  pull: registry.outputs.pull
  identity: vault.outputs.identity
  clientId: vault.outputs.clientId
  vaultUri: vault.outputs.uri
  qdrantUrl: qdrantUrl
  collection: collection
  imageBucket: inBlob ? '' : imageBucket
  imageContainer: inBlob ? 'https://${blobAccount}.blob.${az.environment().suffixes.storage}/photos' : ''
  awsRegion: awsRegion
  logLevel: logLevel
}
var blobAccount = '${name}${uniqueString(resourceGroup().id, name)}'

module api 'api.bicep' = if (isOpen) {
  name: 'api'
  params: {
    name: name
    location: location
    shared: shared
    corsOrigins: corsOrigins
    rateLimit: rateLimit
    searchNeedsKey: searchNeedsKey
    takesWebhooks: takesWebhooks
    allowTestWebhook: allowTestWebhook
    queryLog: queryLog
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    concurrentRequests: concurrentRequests
    signInClientId: signInClientId
  }
  dependsOn: [
    blobs
  ]
}

module worker 'worker.bicep' = if (isOpen && !empty(indexQueueUrl)) {
  name: 'worker'
  params: {
    name: name
    location: location
    shared: shared
    indexQueueUrl: indexQueueUrl
    queueType: queueType
    queueAccount: queueAccount
    maxReplicas: workerMaxReplicas
    messagesEach: messagesEach
  }
}

resource keys 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: 'kv-${name}-${take(uniqueString(resourceGroup().id, name), 8)}'
}

var host = '${name}.${environment.outputs.domain}'

module events 'events.bicep' = if (isOpen && inBlob && blobEvents) {
  name: 'events'
  params: {
    name: name
    location: location
    account: blobAccount
    host: host
    eventKeys: keys.getSecret('event-keys')
  }
  dependsOn: [
    api
  ]
}

output pageUrl string = 'https://${host}/'
output apiUrl string = 'https://${host}/api/v1'
output registryServer string = registry.outputs.server
output vaultName string = vault.outputs.name
output photoAccount string = inBlob ? blobAccount : ''
