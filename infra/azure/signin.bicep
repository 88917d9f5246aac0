// Those who look at the page sign in with Entra ID; what has a key of its own, as Event Grid, does not.

param app string
param clientId string

resource api 'Microsoft.App/containerApps@2025-01-01' existing = {
  name: app
}

resource signIn 'Microsoft.App/containerApps/authConfigs@2025-01-01' = {
  parent: api
  name: 'current'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      unauthenticatedClientAction: 'RedirectToLoginPage'
      redirectToProvider: 'azureactivedirectory'
      excludedPaths: [
        '/api/v1/health'
        '/api/v1/health/live'
        '/api/v1/events/blob'
      ]
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: clientId
          clientSecretSettingName: 'sign-in-secret'
          openIdIssuer: '${environment().authentication.loginEndpoint}${subscription().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [
            'api://${clientId}'
          ]
        }
      }
    }
  }
}
