// The consumer of the bucket's queue, as many as it has messages for, and none when it is empty.

param name string
param location string

@description('What main.bicep tells the API and the worker alike')
param shared object

param indexQueueUrl string
param queueType string
param queueAccount string
param maxReplicas int
param messagesEach int

var secrets = [
  'qdrant-api-key'
  'aws-access-key-id'
  'aws-secret-access-key'
]

var bySqs = {
  name: 'messages'
  custom: {
    type: 'aws-sqs-queue'
    metadata: {
      queueURL: indexQueueUrl
      awsRegion: shared.awsRegion
      queueLength: string(messagesEach)
    }
    auth: [
      {
        triggerParameter: 'awsAccessKeyID'
        secretRef: 'aws-access-key-id'
      }
      {
        triggerParameter: 'awsSecretAccessKey'
        secretRef: 'aws-secret-access-key'
      }
    ]
  }
}
var byAzure = {
  name: 'messages'
  azureQueue: {
    accountName: queueAccount
    queueName: last(split(indexQueueUrl, '/'))
    queueLength: messagesEach
    identity: shared.identity
  }
}

resource worker 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-worker'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${shared.pull}': {}
      '${shared.identity}': {}
    }
  }
  properties: {
    environmentId: shared.environment
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      identitySettings: [
        {
          identity: shared.pull
          lifecycle: 'None'
        }
        {
          identity: shared.identity
          lifecycle: 'Main'
        }
      ]
      registries: [
        {
          server: shared.registry
          identity: shared.pull
        }
      ]
      secrets: [for secret in secrets: {
        name: secret
        keyVaultUrl: '${shared.vaultUri}secrets/${secret}'
        identity: shared.identity
      }]
    }
    template: {
      terminationGracePeriodSeconds: 30 // of which it takes 25 to finish what it has in hand
      containers: [
        {
          name: 'worker'
          image: shared.image
          args: [
            'worker'
          ]
          env: [
            {
              name: 'QDRANT_URL'
              value: shared.qdrantUrl
            }
            {
              name: 'QDRANT_API_KEY'
              secretRef: 'qdrant-api-key'
            }
            {
              name: 'COLLECTION'
              value: shared.collection
            }
            {
              name: 'IMAGE_BUCKET'
              value: shared.imageBucket
            }
            {
              name: 'INDEX_QUEUE_URL'
              value: indexQueueUrl
            }
            {
              name: 'AWS_REGION'
              value: shared.awsRegion
            }
            {
              name: 'AWS_ACCESS_KEY_ID'
              secretRef: 'aws-access-key-id'
            }
            {
              name: 'AWS_SECRET_ACCESS_KEY'
              secretRef: 'aws-secret-access-key'
            }
            {
              name: 'LOG_LEVEL'
              value: shared.logLevel
            }
          ]
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
        }
      ]
      scale: {
        minReplicas: 0
        maxReplicas: maxReplicas
        cooldownPeriod: 300
        pollingInterval: 30
        rules: [
          queueType == 'azure-queue' ? byAzure : bySqs
        ]
      }
    }
  }
}
